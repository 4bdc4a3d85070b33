"""What a person writes: typed, validated, frozen settings in three layers, each value with its origin."""

from cecf.settings.cluster import ClusterSettings
from cecf.settings.control_plane import ApiEndpointSettings, ControlPlaneSettings
from cecf.settings.etcd import EtcdSettings, EtcdVolume
from cecf.settings.hardening import AuditSettings, PodSecuritySettings
from cecf.settings.layers import Layer
from cecf.settings.network import CreatedNetwork, ExistingNetwork, NetworkSettings
from cecf.settings.profiles import businesses, read_profile
from cecf.settings.stack import LoadedSettings, StackSettings, business_of, load_settings, read_config
from cecf.settings.worker_pool import WorkerPoolSettings

__all__ = [
    "ApiEndpointSettings",
    "AuditSettings",
    "ClusterSettings",
    "ControlPlaneSettings",
    "CreatedNetwork",
    "EtcdSettings",
    "EtcdVolume",
    "ExistingNetwork",
    "Layer",
    "LoadedSettings",
    "NetworkSettings",
    "PodSecuritySettings",
    "StackSettings",
    "WorkerPoolSettings",
    "business_of",
    "businesses",
    "load_settings",
    "read_config",
    "read_profile",
]
