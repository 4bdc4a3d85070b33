"""What the components of a cluster run with, compared with what is declared for them."""

from concurrent.futures import ThreadPoolExecutor

from cecf.kubernetes.api import KubernetesApi
from cecf.kubernetes.running.asking import Answers, OnNode, ask
from cecf.kubernetes.running.readers import members_of, questions, seen
from cecf.plan import ClusterPlan, NodePlan
from cecf.tuning.drift import Outcome, compare
from cecf.tuning.members import Member, disagreements

__all__ = ["OnNode", "examine"]

_AT_ONCE = 8
"""Nodes that are asked at the same time."""


def examine(plan: ClusterPlan, api: KubernetesApi, on_node: OnNode) -> list[Outcome]:
    """Compare every value of every node of the plan, and the members of each etcd with each other."""

    def asked(node: NodePlan) -> Answers:
        return ask(node.name, questions(plan.declared_on(node)), api, on_node)

    outcomes: list[Outcome] = []
    members: dict[str, list[Member]] = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answered = list(pool.map(asked, plan.nodes))
    for node, answers in zip(plan.nodes, answered, strict=True):
        declared = plan.declared_on(node)
        outcomes += compare(node.name, declared, seen(declared, plan.tuning.minor, answers))
        if etcd := plan.etcd_of(node):
            members.setdefault(etcd.name, []).extend(members_of(node.name, answers))
    return [*outcomes, *(drift for found in members.values() for drift in disagreements(found))]
