package main

// compute is Nova.
var compute = service{
	module: "compute",
	resources: map[string]string{
		"openstack_compute_aggregate_v2":        "AggregateV2",
		"openstack_compute_flavor_access_v2":    "FlavorAccess",
		"openstack_compute_flavor_v2":           "Flavor",
		"openstack_compute_instance_v2":         "Instance",
		"openstack_compute_interface_attach_v2": "InterfaceAttach",
		"openstack_compute_keypair_v2":          "Keypair",
		"openstack_compute_quotaset_v2":         "QuotaSetV2",
		"openstack_compute_servergroup_v2":      "ServerGroup",
		"openstack_compute_volume_attach_v2":    "VolumeAttach",
	},
	dataSources: map[string]string{
		"openstack_compute_aggregate_v2":          "getAggregateV2",
		"openstack_compute_availability_zones_v2": "getAvailabilityZones",
		"openstack_compute_flavor_v2":             "getFlavor",
		"openstack_compute_hypervisor_v2":         "getHypervisorV2",
		"openstack_compute_instance_v2":           "getInstanceV2",
		"openstack_compute_keypair_v2":            "getKeypair",
		"openstack_compute_limits_v2":             "getLimitsV2",
		"openstack_compute_quotaset_v2":           "getQuotaSetV2",
		"openstack_compute_servergroup_v2":        "getServergroupV2",
	},
}
