package main

// identity is Keystone.
var identity = service{
	module: "identity",
	resources: map[string]string{
		"openstack_identity_application_credential_v3":  "ApplicationCredential",
		"openstack_identity_ec2_credential_v3":          "Ec2CredentialV3",
		"openstack_identity_endpoint_v3":                "EndpointV3",
		"openstack_identity_group_v3":                   "GroupV3",
		"openstack_identity_inherit_role_assignment_v3": "InheritRoleAssignment",
		"openstack_identity_limit_v3":                   "LimitV3",
		"openstack_identity_project_v3":                 "Project",
		"openstack_identity_registered_limit_v3":        "RegisteredLimitV3",
		"openstack_identity_role_assignment_v3":         "RoleAssignment",
		"openstack_identity_role_v3":                    "Role",
		"openstack_identity_service_v3":                 "ServiceV3",
		"openstack_identity_user_membership_v3":         "UserMembershipV3",
		"openstack_identity_user_v3":                    "User",
	},
	dataSources: map[string]string{
		"openstack_identity_auth_scope_v3":  "getAuthScope",
		"openstack_identity_endpoint_v3":    "getEndpoint",
		"openstack_identity_group_v3":       "getGroup",
		"openstack_identity_project_ids_v3": "getProjectIdsV3",
		"openstack_identity_project_v3":     "getProject",
		"openstack_identity_role_v3":        "getRole",
		"openstack_identity_service_v3":     "getService",
		"openstack_identity_user_v3":        "getUser",
	},
}
