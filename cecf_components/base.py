"""The base of every component: its token, and the options of its children."""

from collections.abc import Sequence

import pulumi

from cecf_components.guard import Guard


class CecfComponent(pulumi.ComponentResource):
    """A component of type `cecf:index:<class name>`.

    Children get `parent` and the guard's hooks, never anything of the caller's options.
    """

    def __init__(self, name: str, guard: Guard, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(f"cecf:index:{type(self).__name__}", name, {}, opts)
        self._guard = guard

    def _child(self, *, depends_on: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        """Return the options of a component child."""
        return pulumi.ResourceOptions(parent=self, depends_on=depends_on)

    def _object(
        self,
        *,
        depends_on: Sequence[pulumi.Resource] = (),
        replace_on_changes: list[str] | None = None,
        member: bool = False,
    ) -> pulumi.ResourceOptions:
        """Return the options of an OpenStack object.

        A name is an identity, so two objects of one name never exist at once: the old one is deleted first. On a
        `member` a quorum may depend.
        """
        return pulumi.ResourceOptions(
            parent=self,
            depends_on=depends_on,
            delete_before_replace=True,
            replace_on_changes=replace_on_changes,
            hooks=self._guard.members if member else self._guard.hooks,
        )
