"""A fault in a declaration names the line on which it stands."""

from graph.declared import line_of


def test_the_line_of_a_part_is_the_deepest_that_is_written():
    text = "a = 1\n[b]\n# c = 2\nc = 3\n[b.d]\ne.f = 4\n"
    assert [line_of(text, place.split(".")) for place in ("a", "b", "b.c", "b.d", "b.d.e.f", "b.d.x", "z")] == [1, 2, 4, 5, 6, 5, 1]
