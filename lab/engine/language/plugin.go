package main

import (
	"context"
	"os/exec"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// analyzerKind is the engine's word for a policy pack.
const analyzerKind = "analyzer"

// RunPlugin runs a plugin that is itself a Python program, and streams what it prints.
func (h *host) RunPlugin(req *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer) error {
	command, err := pluginCommand(server.Context(), req)
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return err
	}
	defer closer.Close()
	command.Stdout, command.Stderr = stdout, stderr
	code, err := exitCode(command.Run())
	if err != nil || code == 0 {
		return err
	}
	return server.Send(&pulumirpc.RunPluginResponse{
		Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)},
	})
}

// pluginCommand starts a policy pack through the SDK, which serves its policies, and any other plugin as it is.
func pluginCommand(ctx context.Context, req *pulumirpc.RunPluginRequest) (*exec.Cmd, error) {
	tools, err := toolchainFor(ctx, req.GetInfo())
	if err != nil {
		return nil, err
	}
	program := programPath(req.GetInfo())
	var command *exec.Cmd
	if req.GetKind() == analyzerKind {
		command, err = tools.ModuleCommand(ctx, "pulumi.policy", append(req.GetArgs(), program)...)
	} else {
		command, err = tools.Command(ctx, append([]string{program}, req.GetArgs()...)...)
	}
	if err != nil {
		return nil, err
	}
	command.Dir = req.GetPwd()
	command.Env, err = activated(ctx, tools, req.GetEnv())
	return command, err
}

// activated puts the virtual environment in front of the variables that the engine chose for the plugin.
func activated(ctx context.Context, tools toolchain.Toolchain, env []string) ([]string, error) {
	venv, err := tools.VirtualEnvPath(ctx)
	if err != nil || venv == "" {
		return env, err
	}
	return toolchain.ActivateVirtualEnv(env, venv), nil
}
