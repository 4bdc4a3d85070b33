package main

// loadBalancer is Octavia.
var loadBalancer = service{
	module: "loadbalancer",
	resources: map[string]string{
		"openstack_lb_flavor_v2":        "FlavorV2",
		"openstack_lb_flavorprofile_v2": "FlavorprofileV2",
		"openstack_lb_l7policy_v2":      "L7PolicyV2",
		"openstack_lb_l7rule_v2":        "L7RuleV2",
		"openstack_lb_listener_v2":      "Listener",
		"openstack_lb_loadbalancer_v2":  "LoadBalancer",
		"openstack_lb_member_v2":        "Member",
		"openstack_lb_members_v2":       "Members",
		"openstack_lb_monitor_v2":       "Monitor",
		"openstack_lb_pool_v2":          "Pool",
		"openstack_lb_quota_v2":         "Quota",
	},
	dataSources: map[string]string{
		"openstack_lb_flavor_v2":           "getFlavorV2",
		"openstack_lb_flavorprofile_v2":    "getFlavorprofileV2",
		"openstack_lb_listener_v2":         "getListenerV2",
		"openstack_lb_loadbalancer_v2":     "getLoadbalancerV2",
		"openstack_lb_pool_v2":             "getPoolV2",
		"openstack_loadbalancer_flavor_v2": "getLbFlavorDeprecated",
	},
}
