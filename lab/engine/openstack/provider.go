package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/terraform-provider-openstack/terraform-provider-openstack/v3/openstack"
)

const (
	packageName = "openstack"

	// maxNameLength and nameSeparator decide the names that the engine makes up, as the official plugin does.
	maxNameLength = 255
	nameSeparator = "-"
)

// services are all that the Terraform provider offers, as the SDK divides it into modules.
var services = []service{
	bgpvpn,
	blockStorage,
	compute,
	containerInfra,
	database,
	dns,
	firewall,
	identity,
	images,
	keyManager,
	loadBalancer,
	networking,
	objectStorage,
	orchestration,
	root,
	sharedFilesystem,
	vpnaas,
}

// environmentDefaults are the settings that the SDK too reads from the environment when a program leaves them out.
var environmentDefaults = map[string]string{
	"allow_reauth":  "OS_ALLOW_REAUTH",
	"cloud":         "OS_CLOUD",
	"delayed_auth":  "OS_DELAYED_AUTH",
	"endpoint_type": "OS_ENDPOINT_TYPE",
	"insecure":      "OS_INSECURE",
	"region":        "OS_REGION_NAME",
	"swauth":        "OS_SWAUTH",
}

// providerInfo lays the SDK's tokens and names over the Terraform provider.
func providerInfo(version string) tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:            shimv2.NewProvider(openstack.Provider()),
		Name:         packageName,
		Version:      version,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Config:       map[string]*tfbridge.SchemaInfo{},
		Resources:    map[string]*tfbridge.ResourceInfo{},
		DataSources:  map[string]*tfbridge.DataSourceInfo{},
	}
	for setting, variable := range environmentDefaults {
		info.Config[setting] = &tfbridge.SchemaInfo{Default: &tfbridge.DefaultInfo{EnvVars: []string{variable}}}
	}
	for _, s := range services {
		s.register(&info)
	}
	info.SetAutonaming(maxNameLength, nameSeparator)
	return info
}
