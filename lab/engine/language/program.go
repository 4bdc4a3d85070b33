package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"strconv"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// reportedExitCode is how the SDK says that the person has been told of the failure already.
const reportedExitCode = 32

// programArguments are the executor's command line: what the SDK must know before the program starts.
func (h *host) programArguments(req *pulumirpc.RunRequest) []string {
	args := []string{h.executor}
	for _, option := range []struct{ name, value string }{
		{"monitor", req.GetMonitorAddress()},
		{"engine", h.engine},
		{"organization", req.GetOrganization()},
		{"project", req.GetProject()},
		{"stack", req.GetStack()},
		{"root_directory", req.GetInfo().GetRootDirectory()},
		{"pwd", req.GetPwd()},
		{"dry_run", strconv.FormatBool(req.GetDryRun())},
		{"parallel", strconv.Itoa(int(req.GetParallel()))},
	} {
		if option.value != "" {
			args = append(args, "--"+option.name, option.value)
		}
	}
	args = append(args, programPath(req.GetInfo()))
	return append(args, req.GetArgs()...)
}

// programPath is a file, or a folder that holds a __main__.py.
func programPath(info *pulumirpc.ProgramInfo) string {
	return filepath.Join(info.GetProgramDirectory(), info.GetEntryPoint())
}

// configEnvironment hands the stack's settings to the SDK, along with which of them are secret.
func configEnvironment(req *pulumirpc.RunRequest) ([]string, error) {
	values, secretNames := map[string]string{}, []string{} // the SDK reads no null
	maps.Copy(values, req.GetConfig())
	config, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("the configuration: %w", err)
	}
	secretKeys, err := json.Marshal(append(secretNames, req.GetConfigSecretKeys()...))
	if err != nil {
		return nil, fmt.Errorf("the secret configuration keys: %w", err)
	}
	return []string{"PULUMI_CONFIG=" + string(config), "PULUMI_CONFIG_SECRET_KEYS=" + string(secretKeys)}, nil
}

// exitCode tells a program that failed (a code) from one that could not be run (an error).
func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &exit) && exit.Exited():
		return exit.ExitCode(), nil
	default:
		return 0, fmt.Errorf("could not run Python: %w", err)
	}
}

func runResponse(code int) *pulumirpc.RunResponse {
	switch code {
	case 0:
		return &pulumirpc.RunResponse{}
	case reportedExitCode:
		return &pulumirpc.RunResponse{Bail: true}
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("program exited with non-zero exit code: %d", code)}
	}
}
