"""A plan as text that people review: what the plan decided, and nothing that a catalog answered by chance."""

from typing import Any

import yaml

from cecf.plan import ClusterPlan, CreatedNetworkPlan, EndpointPlan, EtcdPlan, ExistingNetworkPlan, NodePlan, RulePlan


def plan_text(plan: ClusterPlan) -> str:
    """Return the plan as YAML, always the same for the same plan."""
    document = {
        "cluster": plan.name,
        "kubernetes": plan.kubernetes_version,
        "pods": str(plan.pod_cidr),
        "services": str(plan.service_cidr),
        "images": plan.image_repository,
        "endpoint": _endpoint(plan.endpoint),
        "network": _network(plan.network),
        "etcd": {etcd.name: _etcd(etcd) for etcd in plan.etcds},
        "nodes": {node.name: _node(node) for node in plan.nodes},
        "server_groups": {
            group.name: {"policy": group.policy, "members": [node.name for node in group.nodes]}
            for pool in plan.pools
            for group in pool.groups
        },
        "rules": {group.name: {rule.name: _rule(rule) for rule in group.rules} for group in plan.security_groups},
    }
    return yaml.safe_dump(document, sort_keys=False, width=1000)


def _endpoint(endpoint: EndpointPlan) -> str:
    outside = f", from {endpoint.external_network}" if endpoint.external_network else ""
    return f"{endpoint.name} {endpoint.url}; access: {endpoint.access}{outside}"


def _network(network: CreatedNetworkPlan | ExistingNetworkPlan) -> dict[str, Any]:
    if isinstance(network, ExistingNetworkPlan):
        return {"existing": network.network_id, "subnet": network.subnet_id}
    return {
        "created": network.network,
        "subnet": network.subnet,
        "router": network.router,
        "router_to": network.external_network_id,
        "cidr": str(network.cidr),
        "gateway": str(network.gateway),
        "pool": f"{network.pool_start} to {network.pool_end}",
        "dns_servers": [str(server) for server in network.dns_servers],
        "mtu": network.mtu,
    }


def _etcd(etcd: EtcdPlan) -> dict[str, Any]:
    check = "" if etcd.disk_check == "off" else f" above {etcd.fsync_p99_ms} ms"
    return {
        "token": etcd.token,
        "members": {name: str(address) for name, address in etcd.addresses.items()},
        "disk_check": f"{etcd.disk_check}{check}",
        "defragment": f"above {etcd.defragment_above_percent} % of {etcd.defragment_above_mib} MiB",
    }


def _node(node: NodePlan) -> dict[str, Any]:
    return {
        "role": str(node.role),
        "zone": node.zone,
        "address": str(node.address) if node.address else "from the pool",
        "flavor": node.flavor.id,
        "image": node.image_id,
        "server_group": node.server_group,
        "labels": dict(sorted(node.labels.items())),
        "taints": [f"{taint.key}={taint.value}:{taint.effect}" for taint in node.taints],
        "volumes": [f"{v.name} {v.type} {v.size_gib} GiB at {v.mount}" for v in node.volumes],
    }


def _rule(rule: RulePlan) -> str:
    ports = "" if rule.port_min is None else f" {rule.port_min}-{rule.port_max}"
    return f"{rule.direction} {rule.protocol or 'any'}{ports} {rule.remote}"
