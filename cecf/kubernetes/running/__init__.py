"""What the components of a cluster run with, compared with what is declared for them."""

from cecf.kubernetes.api import KubernetesApi
from cecf.kubernetes.running.asking import OnNode, ask
from cecf.kubernetes.running.readers import members_of, questions, seen
from cecf.plan import ClusterPlan
from cecf.tuning.drift import Outcome, compare
from cecf.tuning.members import Member, disagreements

__all__ = ["OnNode", "examine"]


def examine(plan: ClusterPlan, api: KubernetesApi, on_node: OnNode) -> list[Outcome]:
    """Compare every value of every node of the plan, and the members of each etcd with each other."""
    outcomes: list[Outcome] = []
    members: dict[str, list[Member]] = {}
    for node in plan.nodes:
        declared = plan.declared_on(node)
        answers = ask(node.name, questions(declared), api, on_node)
        outcomes += compare(node.name, declared, seen(declared, plan.tuning.minor, answers))
        if etcd := plan.etcd_of(node):
            members.setdefault(etcd.name, []).extend(members_of(node.name, answers))
    return [*outcomes, *(drift for found in members.values() for drift in disagreements(found))]
