package main

// keyManager is Barbican.
var keyManager = service{
	module: "keymanager",
	resources: map[string]string{
		"openstack_keymanager_container_v1": "ContainerV1",
		"openstack_keymanager_order_v1":     "OrderV1",
		"openstack_keymanager_secret_v1":    "SecretV1",
	},
	dataSources: map[string]string{
		"openstack_keymanager_container_v1": "getContainer",
		"openstack_keymanager_secret_v1":    "getSecret",
	},
}
