package main

import (
	"context"
	"fmt"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// toolchainFor resolves the `runtime.options` of Pulumi.yaml or PulumiPolicy.yaml to a way to start Python, and
// checks that the virtual environment which they name is there.
func toolchainFor(ctx context.Context, info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	options := toolchain.PythonOptions{Root: info.GetRootDirectory(), ProgramDir: info.GetProgramDirectory()}
	for name, value := range info.GetOptions().AsMap() {
		if err := setOption(&options, name, fmt.Sprint(value)); err != nil {
			return nil, err
		}
	}
	tools, err := toolchain.ResolveToolchain(options)
	if err != nil {
		return nil, err
	}
	return tools, tools.ValidateVenv(ctx)
}

func setOption(options *toolchain.PythonOptions, name, value string) error {
	switch {
	case name == "virtualenv":
		options.Virtualenv = value
	case name == "toolchain" && value == "pip":
		options.Toolchain = toolchain.Pip
	case name == "toolchain" && value == "poetry":
		options.Toolchain = toolchain.Poetry
	case name == "toolchain" && value == "uv":
		options.Toolchain = toolchain.Uv
	default:
		return fmt.Errorf("runtime.options.%s: %s: this language host does not know it", name, value)
	}
	return nil
}
