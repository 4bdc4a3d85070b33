// Command flanneld is flannel's daemon over flannel's own packages, for networks in Kubernetes.
//
// The module's own command does not build here, because it names the backend of a cloud whose SDK cannot be had.
// This one has the backends vxlan and host-gw, and upstream's flags as far as its manifest uses them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/flannel-io/flannel/pkg/version"
	log "k8s.io/klog/v2"
)

func main() {
	options, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2)
	}
	if options.printVersion {
		fmt.Fprintln(os.Stderr, version.Version)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, options); err != nil && !errors.Is(err, context.Canceled) {
		log.Errorf("flanneld stops: %v", err)
		os.Exit(1)
	}
}
