"""A security group for each role, with the openings of the plan's port matrix and no other."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import pulumi
from pulumi_openstack import networking

from cecf.plan import Role, RulePlan, SecurityGroupPlan
from cecf_components.base import CecfComponent
from cecf_components.guard import Guard


class SecurityGroupsArgs(TypedDict):
    """What `SecurityGroups` is made from."""

    plan: Sequence[SecurityGroupPlan]
    """One group for each role."""
    guard: Guard
    """The stack's mark and hooks."""


class SecurityGroups(CecfComponent):
    """Security groups by role."""

    ids: Mapping[Role, pulumi.Output[str]]
    """The id of each role's group."""

    def __init__(self, name: str, args: SecurityGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args["guard"], opts)
        groups = {plan.role: self._group(plan) for plan in args["plan"]}
        for plan in args["plan"]:
            for rule in plan.rules:
                self._rule(rule, groups[plan.role], groups)
        self.ids = {role: group.id for role, group in groups.items()}
        self.register_outputs({"ids": {str(role): identifier for role, identifier in self.ids.items()}})

    def _group(self, plan: SecurityGroupPlan) -> networking.SecGroup:
        return networking.SecGroup(
            plan.name,
            name=plan.name,
            description=self._guard.owner,
            delete_default_rules=True,
            opts=self._object(),
        )

    def _rule(self, plan: RulePlan, group: networking.SecGroup, groups: Mapping[Role, networking.SecGroup]) -> None:
        by_role = groups[plan.remote].id if isinstance(plan.remote, Role) else None
        networking.SecGroupRule(
            plan.name,
            description=plan.name,
            security_group_id=group.id,
            direction=plan.direction,
            ethertype="IPv4",
            protocol=plan.protocol or None,
            port_range_min=plan.port_min,
            port_range_max=plan.port_max,
            remote_group_id=by_role,
            remote_ip_prefix=None if by_role is not None else str(plan.remote),
            opts=self._object(),
        )
