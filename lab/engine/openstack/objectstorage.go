package main

// objectStorage is Swift.
var objectStorage = service{
	module: "objectstorage",
	resources: map[string]string{
		"openstack_objectstorage_account_v1":   "AccountV1",
		"openstack_objectstorage_container_v1": "Container",
		"openstack_objectstorage_object_v1":    "ContainerObject",
		"openstack_objectstorage_tempurl_v1":   "TempUrl",
	},
}
