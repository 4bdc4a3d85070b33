package main

import (
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// service is one module of the SDK: which class stands for which Terraform resource, and where a property's
// name is not the one that the bridge would derive.
type service struct {
	module      string
	resources   map[string]string
	dataSources map[string]string
	renamed     map[string]map[string]string
}

func (s service) register(info *tfbridge.ProviderInfo) {
	for name, class := range s.resources {
		info.Resources[name] = &tfbridge.ResourceInfo{Tok: tokens.Type(s.token(class)), Fields: s.fields(name)}
	}
	for name, function := range s.dataSources {
		info.DataSources[name] = &tfbridge.DataSourceInfo{Tok: s.token(function)}
	}
}

// token is a class's name on the wire, as in openstack:compute/instance:Instance.
func (s service) token(member string) tokens.ModuleMember {
	file := strings.ToLower(member[:1]) + member[1:]
	return tokens.ModuleMember(packageName + ":" + s.module + "/" + file + ":" + member)
}

func (s service) fields(resource string) map[string]*tfbridge.SchemaInfo {
	fields := map[string]*tfbridge.SchemaInfo{}
	for property, name := range s.renamed[resource] {
		fields[property] = &tfbridge.SchemaInfo{Name: name}
	}
	return fields
}
