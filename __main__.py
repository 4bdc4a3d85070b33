"""The Pulumi program: reads the stack's settings, picks the business's composition, exports its outputs."""

import pulumi

from cecf.cloud import CloudUnavailableError
from cecf.problems import InvalidInputError
from cecf.settings import business_of, load_settings, read_config
from stacks import BUSINESSES


def main() -> None:
    """Build the stack, or refuse its settings before anything is created."""
    try:
        layer = read_config(pulumi.runtime.get_config_env())
        business = BUSINESSES[business_of(layer, BUSINESSES)]
        loaded = load_settings(layer, business.profile)
        outputs = business.build(loaded.settings, pulumi.get_stack())
    except (InvalidInputError, CloudUnavailableError) as error:
        raise pulumi.RunError(str(error)) from None
    for name, value in outputs.items():
        pulumi.export(name, value)


main()
