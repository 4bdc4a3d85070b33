package main

// bgpvpn is Neutron's BGP VPN service.
var bgpvpn = service{
	module: "bgpvpn",
	resources: map[string]string{
		"openstack_bgpvpn_network_associate_v2": "NetworkAssociateV2",
		"openstack_bgpvpn_port_associate_v2":    "PortAssociateV2",
		"openstack_bgpvpn_router_associate_v2":  "RouterAssociateV2",
		"openstack_bgpvpn_v2":                   "V2",
	},
}

// containerInfra is Magnum.
var containerInfra = service{
	module: "containerinfra",
	resources: map[string]string{
		"openstack_containerinfra_cluster_v1":         "Cluster",
		"openstack_containerinfra_clustertemplate_v1": "ClusterTemplate",
		"openstack_containerinfra_nodegroup_v1":       "NodeGroup",
	},
	dataSources: map[string]string{
		"openstack_containerinfra_cluster_v1":         "getCluster",
		"openstack_containerinfra_clustertemplate_v1": "getClusterTemplate",
		"openstack_containerinfra_nodegroup_v1":       "getNodeGroup",
	},
}

// database is Trove.
var database = service{
	module: "database",
	resources: map[string]string{
		"openstack_db_configuration_v1": "Configuration",
		"openstack_db_database_v1":      "Database",
		"openstack_db_instance_v1":      "Instance",
		"openstack_db_user_v1":          "User",
	},
}

// dns is Designate.
var dns = service{
	module: "dns",
	resources: map[string]string{
		"openstack_dns_quota_v2":            "QuotaV2",
		"openstack_dns_recordset_v2":        "RecordSet",
		"openstack_dns_transfer_accept_v2":  "TransferAccept",
		"openstack_dns_transfer_request_v2": "TransferRequest",
		"openstack_dns_zone_share_v2":       "ZoneShareV2",
		"openstack_dns_zone_v2":             "Zone",
	},
	dataSources: map[string]string{
		"openstack_dns_zone_share_v2": "getZoneShareV2",
		"openstack_dns_zone_v2":       "getDnsZone",
	},
}

// firewall is Neutron's firewall service.
var firewall = service{
	module: "firewall",
	resources: map[string]string{
		"openstack_fw_group_v2":  "GroupV2",
		"openstack_fw_policy_v2": "PolicyV2",
		"openstack_fw_rule_v2":   "RuleV2",
	},
	dataSources: map[string]string{
		"openstack_fw_group_v2":  "getGroupV2",
		"openstack_fw_policy_v2": "getPolicyV2",
		"openstack_fw_rule_v2":   "getRuleV2",
	},
}

// sharedFilesystem is Manila.
var sharedFilesystem = service{
	module: "sharedfilesystem",
	resources: map[string]string{
		"openstack_sharedfilesystem_securityservice_v2": "SecurityService",
		"openstack_sharedfilesystem_share_access_v2":    "ShareAccess",
		"openstack_sharedfilesystem_share_v2":           "Share",
		"openstack_sharedfilesystem_sharenetwork_v2":    "ShareNetwork",
	},
	dataSources: map[string]string{
		"openstack_sharedfilesystem_availability_zones_v2": "getAvailbilityZones",
		"openstack_sharedfilesystem_share_v2":              "getShare",
		"openstack_sharedfilesystem_sharenetwork_v2":       "getShareNetwork",
		"openstack_sharedfilesystem_snapshot_v2":           "getSnapshot",
	},
}

// vpnaas is Neutron's VPN service.
var vpnaas = service{
	module: "vpnaas",
	resources: map[string]string{
		"openstack_vpnaas_endpoint_group_v2":  "EndpointGroup",
		"openstack_vpnaas_ike_policy_v2":      "IkePolicy",
		"openstack_vpnaas_ipsec_policy_v2":    "IpSecPolicy",
		"openstack_vpnaas_service_v2":         "Service",
		"openstack_vpnaas_site_connection_v2": "SiteConnection",
	},
}

// root is what the SDK has filed under no module.
var root = service{
	module: "index",
	resources: map[string]string{
		"openstack_taas_tap_mirror_v2": "TaasTapMirrorV2",
	},
	dataSources: map[string]string{
		"openstack_workflow_workflow_v2": "getWorkflowWorkflowV2",
	},
}
