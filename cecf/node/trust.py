"""Makes a kubeconfig trust every authority that the cluster trusts. Runs on the node; standard library only.

kubeadm writes the first certificate of ca.crt only. While authorities are rotated, the API servers behind the endpoint
have certificates of two, so that what kubeadm has written would be refused by half of them.
"""

import base64
import re
from pathlib import Path

_FIELD = re.compile(r"^(\s*certificate-authority-data: ).*$", re.MULTILINE)


def trust(kubeconfig: Path, bundle: Path) -> None:
    """Write the whole bundle into a kubeconfig that kubeadm has made, in its place and with its permissions."""
    data = base64.b64encode(bundle.read_bytes()).decode()
    text, changed = _FIELD.subn(rf"\g<1>{data}", kubeconfig.read_text())
    if not changed:
        raise ValueError(f"{kubeconfig} says nowhere whom to trust")
    new = kubeconfig.with_name(f"{kubeconfig.name}.new")
    new.touch(mode=0o600)
    new.write_text(text)
    new.chmod(kubeconfig.stat().st_mode)
    new.rename(kubeconfig)
