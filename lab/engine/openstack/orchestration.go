package main

// orchestration is Heat.
var orchestration = service{
	module: "orchestration",
	resources: map[string]string{
		"openstack_orchestration_stack_v1": "StackV1",
	},
	renamed: map[string]map[string]string{
		"openstack_orchestration_stack_v1": {"outputs": "StackOutputs"},
	},
}
