"""The Pulumi program: reads the stack's settings, refuses wrong ones, builds the business's composition.

What can refuse runs first: the components take longer to import than a person likes to wait for word of a misspelt key.
"""

from importlib import import_module

import pulumi

from cecf.problems import CloudUnavailableError, InvalidInputError
from cecf.settings import business_of, businesses, load_settings, read_config, read_profile


def main() -> None:
    """Build the stack, or refuse its settings before anything is created."""
    try:
        layer = read_config(pulumi.runtime.get_config_env())
        business = business_of(layer, businesses())
        settings = load_settings(layer, read_profile(business)).settings
        from cecf.feasible import feasible_plan  # noqa: PLC0415 (OpenStack's SDK: what is wrong by itself needs no cloud)

        plan = feasible_plan(settings, pulumi.get_stack())
    except (InvalidInputError, CloudUnavailableError) as error:
        raise pulumi.RunError(str(error)) from None
    outputs = import_module(f"stacks.{business}").build(settings, plan, pulumi.get_stack())
    for name, value in outputs.items():
        pulumi.export(name, value)


main()
