"""The rules. None of them knows Pulumi or the policy SDK, so that each can be tried by itself."""

from policy.rules import etcd, images, isolation, marks, reach, secrecy, spread
from policy.rules.model import Rule

RULES: tuple[Rule, ...] = (
    *reach.RULES,
    *isolation.RULES,
    *secrecy.RULES,
    *spread.RULES,
    *etcd.RULES,
    *images.RULES,
    *marks.RULES,
)
"""Every rule, the most grave concerns first."""
