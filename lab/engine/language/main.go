// Command pulumi-language-python is the Python language host of the Pulumi engine: it runs programs, policy
// packs and plugins that are written in Python.
//
// It stands in for the official host, whose Go module is not published, and holds just what an update needs. All
// that is particular to Python, such as virtual environments, is the official toolchain package's work; code
// generation and installing dependencies are left out.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

const (
	// executorName is the official script that prepares the SDK's runtime, which is kept beside the host.
	executorName = "pulumi-language-python-exec"

	// patience is how long the host outlives an engine that has fallen silent.
	patience = 5 * time.Minute
)

// version is set by the linker.
var version = "0.0.0"

func main() {
	if err := serve(os.Args[1:]); err != nil {
		cmdutil.Exit(err)
	}
}

// serve answers the engine, whose address is the last argument, until it goes away.
func serve(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: pulumi-language-python ENGINE_ADDRESS")
	}
	engine := args[len(args)-1]
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	gone, err := watch(engine)
	if err != nil {
		return err
	}
	server := &host{engine: engine, executor: filepath.Join(filepath.Dir(executable), executorName)}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: gone,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(s, server)
			return nil
		},
		Options: rpcutil.TracingServerInterceptorOptions(nil),
	})
	if err != nil {
		return err
	}
	fmt.Println(handle.Port) // the engine reads it from here
	return <-handle.Done
}

// watch returns a channel that closes when the engine is gone, so that no host is left behind.
func watch(engine string) (chan bool, error) {
	ctx, cancel := context.WithCancel(context.Background())
	if err := rpcutil.Healthcheck(ctx, engine, patience, cancel); err != nil {
		cancel()
		return nil, err
	}
	gone := make(chan bool)
	context.AfterFunc(ctx, func() { close(gone) })
	return gone, nil
}
