"""Swift: objects in files of one folder, and who may use them.

One copy of everything, as there is one disk below the lab. The servers talk to each other by HTTP and find each other
in the rings as on any cloud; `drivers/swift_servers.py` makes the rings and runs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lab.openstack.config.context import Context, Files, Section, ini
from lab.openstack.site import HOST

# Each with the port that its ring names.
BACKENDS = ("account", "container", "object")

# The order is Swift's: who is asked before whom. Who comes by S3 is known after `authtoken`, which would forget it.
_PIPELINE = (
    *("catch_errors", "gatekeeper", "healthcheck", "cache", "listing_formats", "bulk", "tempurl"),
    *("authtoken", "s3api", "s3token", "keystoneauth"),
    *("copy", "container_quotas", "account_quotas", "slo", "dlo", "versioned_writes", "symlink", "proxy-server"),
)
# The expirer's own way to the servers asks nobody for permission.
_INTERNAL_PIPELINE = ("catch_errors", "cache", "proxy-server")

# All in one process on a computer that does other things: an answer may be late, and there is no other server to ask.
_PATIENCE: Section = {"conn_timeout": 10, "node_timeout": 60}


def render(context: Context) -> Files:
    """Render Swift's configuration."""
    return {
        "swift/swift.conf": ini(
            {
                # Part of where an object lies, so it has to be the same for all who copy the template.
                "swift-hash": {"swift_hash_path_suffix": "cecf"},
                "storage-policy:0": {"name": "files", "default": True},
                # An object's metadata is in one extended attribute, and ext4 has room for 4 KiB: a client that wants
                # more is to be told so (400), and not that the disk is full (507).
                "swift-constraints": {"max_meta_overall_size": 2048},
            }
        ),
        "swift/proxy.conf": _program(context, "swift", _PIPELINE, _filters(context), _proxy()),
        "swift/expirer.conf": _program(context, "swift", _INTERNAL_PIPELINE, _internal(context), _proxy()),
        **{f"swift/{name}.conf": _backend(context, name) for name in BACKENDS},
    }


def work(context: Context) -> Path:
    """Folder of what the servers make anew at each start."""
    return context.site.var / "swift-work"


def _program(
    context: Context, port: str, pipeline: tuple[str, ...], filters: Mapping[str, Section], app: Section
) -> str:
    """Render one server as paste reads it."""
    return ini(
        {
            "DEFAULT": {
                "bind_ip": HOST,
                "bind_port": context.site.port(port),
                "swift_dir": work(context),
                "recon_cache_path": work(context),
                "devices": context.site.var / "swift",
                # A folder, and no disk of its own.
                "mount_check": False,
                "log_level": "WARNING",
            },
            "pipeline:main": {"pipeline": " ".join(pipeline)},
            **{f"filter:{name}": section for name, section in filters.items()},
            f"app:{pipeline[-1]}": app,
        }
    )


def _backend(context: Context, name: str) -> str:
    app = {**_egg(name), **_PATIENCE, "log_requests": False, "container_update_timeout": 30}
    return _program(
        context, f"swift-{name}", ("healthcheck", f"{name}-server"), {"healthcheck": _egg("healthcheck")}, app
    )


def _proxy() -> Section:
    return {
        **_egg("proxy"),
        **_PATIENCE,
        "account_autocreate": True,
        # Of a project that is gone, the administrator may delete what it has left.
        "allow_account_management": True,
        # With one server of a kind, to leave it alone after an error would be to fail.
        "error_suppression_interval": 0,
    }


def _filters(context: Context) -> dict[str, Section]:
    plain = (name for name in _PIPELINE[:-1] if name not in ("cache", "s3token", "authtoken"))
    return {
        **{name: _egg(name) for name in plain},
        "cache": _cache(context),
        "authtoken": {
            "paste.filter_factory": "keystonemiddleware.auth_token:filter_factory",
            **context.auth("swift"),
            "www_authenticate_uri": context.site.url("keystone", "/v3"),
            "cache": "swift.cache",
            "token_cache_time": 300,
            # Of credentials that may do some requests only: a rule names the service, which has to be in the catalog.
            "include_service_catalog": True,
            "service_type": "object-store",
            # Temporary URLs, S3 and public containers come without a token.
            "delay_auth_decision": True,
            "service_token_roles": "service",
            "service_token_roles_required": True,
        },
        # Keystone checks signatures for its own services only, hence the account.
        "s3token": {**_egg("s3token"), **context.auth("swift"), "auth_uri": context.site.url("keystone", "/v3")},
        "keystoneauth": {
            **_egg("keystoneauth"),
            # What a member's credential has; nobody needs a role of Swift's own.
            "operator_roles": "member",
            "reseller_admin_role": "admin",
        },
    }


def _internal(context: Context) -> dict[str, Section]:
    return {"catch_errors": _egg("catch_errors"), "cache": _cache(context)}


def _cache(context: Context) -> Section:
    return {**_egg("memcache"), "memcache_servers": context.memcached()}


def _egg(name: str) -> dict[str, object]:
    return {"use": f"egg:swift#{name}"}
