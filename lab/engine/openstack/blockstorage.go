package main

// blockStorage is Cinder.
var blockStorage = service{
	module: "blockstorage",
	resources: map[string]string{
		"openstack_blockstorage_qos_association_v3":    "QosAssociationV3",
		"openstack_blockstorage_qos_v3":                "QosV3",
		"openstack_blockstorage_quotaset_v3":           "QuoteSetV3",
		"openstack_blockstorage_volume_attach_v3":      "VolumeAttach",
		"openstack_blockstorage_volume_type_access_v3": "VolumeTypeAccessV3",
		"openstack_blockstorage_volume_type_v3":        "VolumeTypeV3",
		"openstack_blockstorage_volume_v3":             "Volume",
	},
	dataSources: map[string]string{
		"openstack_blockstorage_availability_zones_v3": "getAvailabilityZonesV3",
		"openstack_blockstorage_quotaset_v3":           "getQuotasetV3",
		"openstack_blockstorage_snapshot_v3":           "getSnapshotV3",
		"openstack_blockstorage_volume_v3":             "getVolumeV3",
	},
}
