"""What a statement paints: the contract's table row by row, and any history against a point-wise replay."""

from hypothesis import given
from hypothesis import strategies as st

from graph.instants import OPEN_END, OPEN_START
from graph.timeline import Piece, Said, paint

A, B = 1, 2


def test_no_dates_and_nobody_spoke():
    assert paint((), False, 50, [Said(None, None, A)]) == (Piece(OPEN_START, OPEN_END, A),)


def test_no_dates_and_a_changed_value_ends_the_old_one():
    before = (Piece(OPEN_START, OPEN_END, A),)
    assert paint(before, True, 50, [Said(None, None, B)]) == (Piece(OPEN_START, 50, A), Piece(50, OPEN_END, B))


def test_the_same_value_again_is_one_stretch():
    before = (Piece(OPEN_START, OPEN_END, A),)
    assert paint(before, True, 50, [Said(None, None, A)]) == before


def test_a_start_and_an_end():
    assert paint((), False, 50, [Said(10, 20, A)]) == (Piece(10, 20, A),)


def test_an_end_only():
    assert paint((), False, 50, [Said(None, 20, A)]) == (Piece(OPEN_START, 20, A),)
    before = (Piece(OPEN_START, OPEN_END, A),)
    assert paint(before, True, 50, [Said(None, 80, A)]) == (Piece(OPEN_START, 80, A),)
    assert paint(before, True, 50, [Said(None, 20, A)]) == (Piece(OPEN_START, 20, A),), "an end before the as-of: from an open start"


def test_several_stretches_are_absent_between():
    assert paint((Piece(0, 100, A),), True, 50, [Said(10, 20, B), Said(30, None, B)]) == (Piece(0, 10, A), Piece(10, 20, B), Piece(30, OPEN_END, B))


saids = st.builds(Said, st.none() | st.integers(0, 9), st.none(), st.integers(1, 2)) | st.tuples(
    st.integers(0, 4), st.integers(5, 9), st.integers(1, 2)
).map(lambda given: Said(*given))


@given(st.lists(saids, min_size=1, max_size=5))
def test_any_deltas_in_order_equal_a_replay_at_every_instant(history):
    line = ()
    for n, said in enumerate(history):
        line = paint(line, bool(line), n, [said])

    def replay(at):
        value, known = None, False
        past = ()
        for n, said in enumerate(history):
            start = said.start if said.start is not None else n if past else OPEN_START
            past = paint(past, bool(past), n, [said])
            if at >= start:
                value = said.value if at < (OPEN_END if said.end is None else said.end) else None
            known = True
        return value if known else None

    for at in (-5, *range(11)):
        standing = [piece.value for piece in line if piece.start <= at < piece.end]
        assert standing == ([] if replay(at) is None else [replay(at)])
