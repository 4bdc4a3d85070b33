"""What only the cloud can tell of valid settings: a plan that it can carry out, or what is wrong with them."""

from cecf import render
from cecf.cloud import connect, look_up
from cecf.cloud.room import check_room
from cecf.plan import ClusterPlan, names, plan_cluster
from cecf.problems import InvalidInputError, Problem
from cecf.settings import StackSettings


def feasible_plan(settings: StackSettings, stack: str) -> ClusterPlan:
    """Return the plan of the stack's cluster.

    Raises `InvalidInputError` with what the cloud does not have or a server cannot take, `CloudUnavailableError` when
    the cloud does not answer.
    """
    connection, owner = connect(settings.cloud), names.owner_tag(stack)
    plan = plan_cluster(settings.cluster, look_up(connection, settings, owner))
    _check_user_data(plan)
    check_room(connection, plan, owner, settings.cloud)
    return plan


def _check_user_data(plan: ClusterPlan) -> None:
    """Render every node before the first resource, so that one which does not fit is refused with nothing created."""
    try:
        for node in plan.nodes:
            facts = render.placeholder(node, generations=len(plan.certificates.authority.trust))
            render.user_data(plan, node, facts)
    except render.UserDataTooLongError as error:
        raise InvalidInputError([Problem(path="cluster", what=str(error))]) from None
