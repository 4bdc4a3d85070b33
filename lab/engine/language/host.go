package main

import (
	"context"
	"os"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host serves the engine's requests; what it leaves out, the engine knows to do without.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	engine   string
	executor string
}

func (h *host) Handshake(
	context.Context, *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

// GetRequiredPackages names none: each resource names its own plugin and version, and nothing is fetched ahead.
func (h *host) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// About tells `pulumi about` which interpreter the options lead to.
func (h *host) About(ctx context.Context, req *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	tools, err := toolchainFor(ctx, req.GetInfo())
	if err != nil {
		return nil, err
	}
	about, err := tools.About(ctx)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{
		Executable: about.PythonExecutable,
		Version:    about.PythonVersion.String(),
	}, nil
}

// Run executes a program to its end. What it prints reaches the engine through the host's own streams.
func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	tools, err := toolchainFor(ctx, req.GetInfo())
	if err != nil {
		return nil, err
	}
	settings, err := configEnvironment(req)
	if err != nil {
		return nil, err
	}
	command, err := tools.Command(ctx, h.programArguments(req)...)
	if err != nil {
		return nil, err
	}
	command.Env = append(command.Environ(), settings...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	code, err := exitCode(command.Run())
	if err != nil {
		return nil, err
	}
	return runResponse(code), nil
}
