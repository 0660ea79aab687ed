"""Scoring models as data: ours hold together, one's own extend them, and a fault names its file, line and field."""

import re
from pathlib import Path

import pytest

from graph.errors import ConfigError
from graph.scoring import SHIPPED, read_models

GOOD = 'version = "1"\nabout = "Mine."\nhalf_life_days = 30\nscale = 5\n[rules.trial]\ntypes = "trial"\npoints = 5\n'


def own(folder, text, name="mine"):
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return read_models(folder)


def test_the_shipped_models():
    models = read_models(None)
    assert set(models) == {path.stem for path in SHIPPED.glob("*.toml")} == {"standard", "additive", "minutes"}
    assert len({one.formula.params_hash for one in models.values()}) == len(models)
    assert models["standard"].formula.name == "engagement-standard-2"


def test_a_model_of_one_s_own_stands_beside_ours_or_takes_the_place_of_one(tmp_path):
    models = own(tmp_path, GOOD)
    assert (models["mine"].model.rules["trial"].points, models["standard"].model.half_life_days) == (5, 90)
    models = own(tmp_path, GOOD, "standard")
    assert (models["standard"].model.half_life_days, models["additive"].model.half_life_days) == (30, 90), "what is shipped extends what is shipped"


def test_a_model_says_only_what_differs(tmp_path):
    models = own(tmp_path, 'extends = "standard"\nversion = "2"\nabout = "Trials."\n[rules.trial]\npoints = 8\n')
    mine, ours = models["mine"].model, models["standard"].model
    assert (mine.rules["trial"].points, mine.rules["trial"].types, mine.half_life_days) == (8, ("trial",), 90)
    assert set(mine.rules) == set(ours.rules)
    again = own(tmp_path, 'extends = "standard"\nversion = "3"\nabout = "Slower."\nhalf_life_days = 120\n', "standard")
    assert (again["standard"].model.half_life_days, len(again["standard"].model.rules)) == (120, len(ours.rules))
    assert again["mine"].model.half_life_days == 120, "and who extends it follows"


def test_the_example_of_the_docs_is_one(tmp_path):
    text = (Path(__file__).parent.parent.parent / "docs" / "scoring.md").read_text(encoding="utf-8")
    model = own(tmp_path, re.search(r"```toml\n(.*?)```", text, re.S)[1])["mine"].model
    assert model.rule_of("check_in", "exhibition", frozenset({"SENDER"})) == "booth"
    assert model.rule_of("check_in", "event", frozenset({"SENDER"})) == "check_in"
    assert model.rules["booth"].worth(23) == 4


WRONG = {
    "version = \n": (1, "not TOML"),
    GOOD.replace("scale = 5\n", ""): (1, "scale"),
    GOOD.replace("scale = 5", "scale = 0"): (4, "scale: Input should be greater than 0"),
    GOOD.replace("half_life_days = 30", 'half_life_days = "soon"'): (3, "half_life_days"),
    GOOD.replace('types = "trial"', 'types = "trail"'): (6, "'trail' is none of meeting, visit"),
    GOOD.replace("points = 5", "points = -5"): (7, "rules.trial.points"),
    GOOD + "colour = 1\n": (8, "rules.trial.colour"),
    GOOD + 'objects = "shoe"\n': (8, "rules.trial.objects"),
    GOOD + 'campaigns = "party"\n': (8, "'party' is none of event, webinar"),
    GOOD + "[bands]\nfit = [0.1, 0.5, 0.7]\n": (9, "bands.fit: write three falling limits"),
    GOOD.replace('about = "Mine."', 'about = "Mine."\nextends = "nobody"'): (3, "extends: 'nobody' is no other model"),
    GOOD.replace('about = "Mine."', 'about = "Mine."\nextends = "mine"'): (3, "extends: 'mine' is no other model"),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_model_names_its_file_its_line_and_its_field(tmp_path, text):
    line, says = WRONG[text]
    with pytest.raises(ConfigError) as refused:
        own(tmp_path, text)
    assert f"{tmp_path / 'mine.toml'}: " in refused.value.message
    assert says in refused.value.message
    assert f"line {line}" in refused.value.message


def test_two_that_extend_each_other_are_refused(tmp_path):
    (tmp_path / "other.toml").write_text('extends = "mine"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="extends"):
        own(tmp_path, 'extends = "other"\n')


def test_a_folder_without_models_is_told(tmp_path):
    with pytest.raises(ConfigError, match="DOTTEDLINE_SCORING"):
        read_models(tmp_path)


def test_doctor_says_whether_they_can_be_read(tmp_path):
    from api.cli import scoring_finding
    from graph.settings import load_settings

    assert scoring_finding(load_settings({})).says == "additive, minutes, standard"
    (tmp_path / "mine.toml").write_text("version = 1\n", encoding="utf-8")
    found = scoring_finding(load_settings({"DOTTEDLINE_SCORING": str(tmp_path)}))
    assert (found.ok, found.says) == (False, "CONFIG_ERROR")
    assert "mine.toml: line 1: " in found.cure
