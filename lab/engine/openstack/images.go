package main

// images is Glance.
var images = service{
	module: "images",
	resources: map[string]string{
		"openstack_images_image_access_accept_v2": "ImageAccessAccept",
		"openstack_images_image_access_v2":        "ImageAccess",
		"openstack_images_image_v2":               "Image",
	},
	dataSources: map[string]string{
		"openstack_images_image_ids_v2": "getImageIds",
		"openstack_images_image_v2":     "getImage",
	},
}
