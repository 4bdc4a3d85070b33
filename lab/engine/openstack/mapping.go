package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

type (
	properties map[string]property

	// property is what a program sees of one Terraform attribute.
	property struct {
		Secret bool       `json:"secret,omitempty"`
		Nested properties `json:"nested,omitempty"`
	}

	// member is a resource or a data source.
	member struct {
		Inputs  properties `json:"inputs"`
		Outputs properties `json:"outputs"`
	}

	mapping struct {
		Config      properties        `json:"config"`
		Resources   map[string]member `json:"resources"`
		DataSources map[string]member `json:"dataSources"`
	}

	schemaInfos = map[string]*tfbridge.SchemaInfo
)

// describe renders the names that the bridge itself will use on the wire.
func describe(info tfbridge.ProviderInfo) mapping {
	m := mapping{
		Config:      propertiesOf(info.P.Schema(), info.Config, isInput),
		Resources:   map[string]member{},
		DataSources: map[string]member{},
	}
	for name, resource := range info.Resources {
		schema := info.P.ResourcesMap().Get(name).Schema()
		m.Resources[string(resource.Tok)] = memberOf(schema, resource.Fields)
	}
	for name, source := range info.DataSources {
		schema := info.P.DataSourcesMap().Get(name).Schema()
		result := memberOf(schema, source.Fields)
		result.Outputs["id"] = property{} // the bridge adds one to every result
		m.DataSources[string(source.Tok)] = result
	}
	return m
}

func memberOf(schema shim.SchemaMap, infos schemaInfos) member {
	return member{Inputs: propertiesOf(schema, infos, isInput), Outputs: propertiesOf(schema, infos, isOutput)}
}

func isInput(s shim.Schema) bool { return (s.Optional() || s.Required()) && s.Removed() == "" }

func isOutput(s shim.Schema) bool { return s.Removed() == "" }

func propertiesOf(schema shim.SchemaMap, infos schemaInfos, keep func(shim.Schema) bool) properties {
	result := properties{}
	schema.Range(func(name string, attribute shim.Schema) bool {
		if keep(attribute) {
			result[tfbridge.TerraformToPulumiNameV2(name, schema, infos)] = property{
				Secret: attribute.Sensitive(),
				Nested: nestedOf(attribute, infos[name]),
			}
		}
		return true
	})
	return result
}

// nestedOf descends into the attributes that are objects, or collections of objects. An object has one type,
// which the SDK's inputs and outputs share, so that nothing is left out here.
func nestedOf(attribute shim.Schema, info *tfbridge.SchemaInfo) properties {
	block, isBlock := attribute.Elem().(shim.Resource)
	if !isBlock {
		return nil
	}
	var infos schemaInfos
	if info != nil && info.Elem != nil {
		infos = info.Elem.Fields
	}
	return propertiesOf(block.Schema(), infos, isOutput)
}
