"""A business has its own network and its own project."""

from collections.abc import Iterator, Sequence

from policy.rules import tokens
from policy.rules.model import Finding, Level, Option, Options, Resource, Rule, Severity, is_named, of

_INSIDE = (
    (tokens.PORT, "networkId", tokens.NETWORK),
    (tokens.ROUTER_INTERFACE, "subnetId", tokens.SUBNET),
    (tokens.LOAD_BALANCER, "vipSubnetId", tokens.SUBNET),
)
"""What is in a network, the input that says in which one, and what of the stack's own it has to be made from."""


def _networks(resources: Sequence[Resource], options: Options) -> Iterator[Finding]:
    for kind, where, wanted in _INSIDE:
        own = of(resources, wanted)
        for resource in of(resources, kind):
            if not is_named(resource.stack, options["shared"]) and not resource.refers_to(where, own):
                yield resource, f"{where} leads to no {wanted.rsplit(':', maxsplit=1)[-1].lower()} of this stack"
    for network in of(resources, tokens.NETWORK):
        if network.props.get("shared") is True and not is_named(network.stack, options["shared"]):
            yield network, "every project may use it (shared: true)"


def _projects(resources: Sequence[Resource], _options: Options) -> Iterator[Finding]:
    clouds = {provider.urn: provider.props.get("cloud") for provider in of(resources, tokens.PROVIDER)}
    first = next(iter(clouds.values()), None)
    for provider in of(resources, tokens.PROVIDER):
        if provider.props.get("cloud") != first or not first:
            yield provider, f"cloud {provider.props.get('cloud')!r}, where the stack's other objects are in {first!r}"
    for resource in resources:
        if resource.type.startswith(tokens.OPENSTACK) and resource.provider not in clouds:
            yield resource, "is made by no provider of this stack"


RULES = (
    Rule(
        name="own-network",
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        description="An isolated stack is in a network of its own, which no other project may use.",
        why="an isolated business shares no network with another",
        mend="pulumi config rm 'cecf:isolation' and pulumi config rm --path 'cecf:cluster.network.nodes'; "
        "or add the stack to this rule's option `shared`",
        check=_networks,
        whole=True,
        options=(
            Option(
                name="shared",
                default=("smartcity",),
                description="Stacks that may live in somebody else's network; `*` stands for any text. "
                "All others are isolated.",
            ),
        ),
    ),
    Rule(
        name="one-project",
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        description="Everything of a stack is made through one entry of clouds.yaml, so is in one project.",
        why="it could end up in another business's project",
        mend="pass the stack's own provider to the resource; keep `pulumi:disable-default-providers: ['*']`",
        check=_projects,
        whole=True,
    ),
)
