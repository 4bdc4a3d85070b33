"""An engine that is ready for use."""

import os
from dataclasses import dataclass
from pathlib import Path

from cecf import versions

LANGUAGE_HOST = "pulumi-language-python"
OPENSTACK_PLUGIN = "pulumi-resource-openstack"
OPENSTACK_PLUGIN_FOLDER = f"plugins/resource-openstack-v{versions.PULUMI_OPENSTACK}"
"""Where below PULUMI_HOME the engine looks for the plugin: found there, it is used without a warning."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The command line, the Python language host and the plugins, of the versions that CECF pins."""

    pulumi: Path
    home: Path
    plugin: Path
    """The OpenStack plugin."""
    kubernetes: Path | None
    """The Kubernetes plugin or the stand-in for it; None where an official engine has neither yet."""
    built: bool
    """Whether it was built here. An official engine keeps the person's own PULUMI_HOME and habits."""

    @property
    def bin(self) -> Path:
        """The folder that has to come first on PATH."""
        return self.pulumi.parent

    def environment(self) -> dict[str, str]:
        """Return the variables that lead a process to this engine and keep it from looking for others."""
        variables = {"PATH": self._search_path(), "PULUMI_SKIP_UPDATE_CHECK": "true"}
        if self.built:
            variables["PULUMI_HOME"] = str(self.home)
            variables["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
        return variables

    def _search_path(self) -> str:
        own = [str(self.bin)]
        if self.kubernetes and not self.kubernetes.is_relative_to(self.home):
            # A stand-in is put into nobody's own PULUMI_HOME, where other projects would take it for the real one.
            own.append(str(self.kubernetes.parent))
        others = [entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if entry not in own]
        return os.pathsep.join([*own, *others])
