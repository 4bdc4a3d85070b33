"""What is refused of the settings of certificates, each in one line with what mends it."""

from typing import Any

import pytest

from cecf.problems import InvalidInputError
from tests.helpers import clusters

WHERE = "cecf:cluster.certificates"

MEND = "Mend: pulumi config set --path"


def refused(certificates: dict[str, Any]) -> list[str]:
    """Return the lines in which settings are refused."""
    with pytest.raises(InvalidInputError) as error:
        clusters.settings("dev", {"certificates": certificates})
    return [str(problem) for problem in error.value.problems]


def test_a_year_a_quarter_and_ten_years_unless_said_otherwise() -> None:
    found = clusters.settings("dev").cluster.certificates
    assert (found.life_days, found.renew_before_days, found.authority_life_days) == (365, 90, 3650)
    assert (found.authority.generation, found.authority.trust) == (1, (1,))


def test_a_window_as_long_as_the_life_is_refused() -> None:
    (line,) = refused({"life_days": 90})
    assert line == (
        f"{WHERE}.renew_before_days: 90 days before the end of a life of 90 days; "
        f"each run would make every certificate anew. {MEND} '{WHERE}.renew_before_days' 22"
    )


def test_an_authority_that_ends_before_what_it_signs_is_refused() -> None:
    (line,) = refused({"authority_life_days": 100})
    assert line == (
        f"{WHERE}.authority_life_days: 100 days, and what they sign 365; "
        f"nothing is valid longer than what signed it. {MEND} '{WHERE}.authority_life_days' 3650"
    )


def test_an_authority_that_signs_and_is_not_trusted_is_refused() -> None:
    (line,) = refused({"authority": {"generation": 2, "trust": [1]}})
    assert line == (
        f"{WHERE}.authority.generation: generation 2 is to sign and is not trusted; "
        f"nobody would believe what it signs. Mend: write '{WHERE}.authority.trust' as [1, 2]"
    )


def test_a_generation_is_trusted_once() -> None:
    (line,) = refused({"authority": {"trust": [1, 1]}})
    assert line.startswith(f"{WHERE}.authority.trust[1]: 1 is named twice; a generation is trusted or not.")


@pytest.mark.parametrize(
    "certificates", [{"life_days": 0}, {"renew_before_days": "90"}, {"authority": {"trust": []}}, {"life": 3}]
)
def test_nonsense_is_refused(certificates: dict[str, Any]) -> None:
    assert len(refused(certificates)) == 1
