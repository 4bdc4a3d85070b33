"""From `pulumi config` to the stack file's layer."""

import pytest

from cecf.problems import InvalidInputError
from cecf.settings import business_of, businesses, read_config


def test_only_the_project_s_own_keys_are_read() -> None:
    assert read_config({"cecf:cloud": "dev", "pulumi:disable-default-providers": '["*"]', "aws:region": "x"}) == {
        "cloud": "dev"
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"name": "dev", "zones": ["az1"]}', {"name": "dev", "zones": ["az1"]}),
        (' ["a", 1, true]', ["a", 1, True]),
        ("3", "3"),
        ("true", "true"),
        ("az1", "az1"),
        ("", ""),
        ("{not json", "{not json"),
    ],
)
def test_objects_and_lists_are_decoded_and_scalars_stay_text(text: str, value: object) -> None:
    assert read_config({"cecf:x": text}) == {"x": value}


def test_the_business_is_the_one_that_the_stack_file_names() -> None:
    assert business_of({"business": "finance"}, businesses()) == "finance"


@pytest.mark.parametrize(
    ("layer", "words"),
    [({}, "is not set"), ({"business": "casino"}, "no business 'casino'"), ({"business": ["dev"]}, "no business")],
)
def test_no_or_an_unknown_business_is_refused_with_those_that_there_are(layer: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        business_of(layer, businesses())
    (found,) = caught.value.problems
    assert words in found.what
    assert found.why == "known are bigdata, dev, finance, smartcity"
    assert found.mend == "pulumi config set 'cecf:business' '<bigdata|dev|finance|smartcity>'"
