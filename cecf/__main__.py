"""`python -m cecf`: the `cecf` command."""

from cecf.cli.app import main

main()
