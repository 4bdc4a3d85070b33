// Command pulumi-resource-openstack is the OpenStack plugin of the Pulumi engine, built from Go modules
// where the official binary cannot be had.
//
// It bridges the same Terraform provider as the official plugin, under the same tokens and property names,
// so that a stack may pass from the one to the other and back without a change in its state.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
)

// version is set by the linker to the release of the official plugin that this one stands in for.
var version = "0.0.0"

func main() {
	provider := providerInfo(version)
	if len(os.Args) == 2 && os.Args[1] == "--mapping" {
		printMapping(provider)
		return
	}
	tfbridge.Main(packageName, version, provider, packageSchema(version))
}

// printMapping tells the tests which tokens and properties the plugin understands.
func printMapping(provider tfbridge.ProviderInfo) {
	if err := json.NewEncoder(os.Stdout).Encode(describe(provider)); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-openstack:", err)
		os.Exit(1)
	}
}

// packageSchema is as much of a schema as the engine asks for; programs bring their own in the SDK.
func packageSchema(version string) []byte {
	return fmt.Appendf(nil, `{"name": %q, "version": %q}`, packageName, version)
}
