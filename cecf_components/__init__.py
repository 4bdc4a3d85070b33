"""Pulumi ComponentResources: each wires what a plan decided into OpenStack resources."""

from cecf_components.addon import Addon
from cecf_components.api_endpoint import ApiEndpoint
from cecf_components.api_ready import ApiReady
from cecf_components.certificate import Certificate
from cecf_components.cluster_network import ClusterNetwork
from cecf_components.cluster_pki import ClusterPki
from cecf_components.control_plane import ControlPlane
from cecf_components.elastic_cluster import ElasticCluster
from cecf_components.etcd_cluster import EtcdCluster
from cecf_components.kubernetes import Kubernetes
from cecf_components.node import Node
from cecf_components.node_ready import NodeReady
from cecf_components.security_groups import SecurityGroups
from cecf_components.spread_check import SpreadCheck
from cecf_components.turn import Turn
from cecf_components.worker_pool import WorkerPool

__all__ = [
    "Addon",
    "ApiEndpoint",
    "ApiReady",
    "Certificate",
    "ClusterNetwork",
    "ClusterPki",
    "ControlPlane",
    "ElasticCluster",
    "EtcdCluster",
    "Kubernetes",
    "Node",
    "NodeReady",
    "SecurityGroups",
    "SpreadCheck",
    "Turn",
    "WorkerPool",
]
