package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/flannel-io/flannel/pkg/backend"
	_ "github.com/flannel-io/flannel/pkg/backend/hostgw"
	_ "github.com/flannel-io/flannel/pkg/backend/vxlan"
	"github.com/flannel-io/flannel/pkg/ipmatch"
	"github.com/flannel-io/flannel/pkg/subnet"
	"github.com/flannel-io/flannel/pkg/subnet/kube"
	log "k8s.io/klog/v2"
)

const (
	bridgeFilter  = "/proc/sys/net/bridge/bridge-nf-call-iptables"
	headerTimeout = 5 * time.Second
)

// run joins this node to the network and stays until told to stop.
func run(ctx context.Context, o *options) error {
	if !o.kubeSubnetManager {
		return errors.New("subnets come from Kubernetes only: give -kube-subnet-mgr")
	}
	manager, err := kube.NewSubnetManager(ctx, o.apiURL, o.kubeconfig, o.annotationPrefix, o.networkConfig, o.markNodeReady)
	if err != nil {
		return fmt.Errorf("the subnet manager cannot start: %w", err)
	}
	config, err := manager.GetNetworkConfig(ctx)
	if err != nil {
		return fmt.Errorf("%s cannot be used: %w", o.networkConfig, err)
	}
	if err := needBridgeFilter(config); err != nil {
		return err
	}
	if o.healthPort > 0 {
		go serveHealth(ctx, net.JoinHostPort(o.healthAddress, strconv.Itoa(o.healthPort)))
	}
	var background sync.WaitGroup
	network, err := register(ctx, o, manager, config, &background)
	if err != nil {
		return err
	}
	if err := setRules(ctx, o, config, network.Lease()); err != nil {
		return err
	}
	return serve(ctx, o, manager, config, network, &background)
}

// needBridgeFilter refuses a kernel in which iptables would not see the pods' traffic over a bridge.
func needBridgeFilter(config *subnet.Config) error {
	if config.EnableNFTables || !config.EnableIPv4 {
		return nil
	}
	if _, err := os.Stat(bridgeFilter); err != nil {
		return fmt.Errorf("iptables does not see bridged traffic, load br_netfilter: %w", err)
	}
	return nil
}

// register takes this node's subnet and makes the backend's devices.
func register(
	ctx context.Context, o *options, manager subnet.Manager, config *subnet.Config, background *sync.WaitGroup,
) (backend.Network, error) {
	// A node that was started before keeps the address that the others know it by.
	if v4, v6 := manager.GetStoredPublicIP(ctx); v4 != "" || v6 != "" {
		o.publicIP, o.publicIPv6 = v4, v6
	}
	stack, err := ipmatch.GetIPFamily(config.EnableIPv4, config.EnableIPv6)
	if err != nil {
		return nil, err
	}
	external, err := o.externalInterface(stack)
	if err != nil {
		return nil, fmt.Errorf("no interface leads to the other nodes: %w", err)
	}
	chosen, err := backend.NewManager(ctx, manager, external).GetBackend(config.BackendType)
	if err != nil {
		return nil, fmt.Errorf("the backend %q cannot be used: %w", config.BackendType, err)
	}
	network, err := chosen.RegisterNetwork(ctx, background, config)
	if err != nil {
		return nil, fmt.Errorf("the node cannot join the network: %w", err)
	}
	return network, nil
}

// serve tells the CNI plugin what to use and follows the other nodes' leases until told to stop.
func serve(
	ctx context.Context, o *options, manager subnet.Manager, config *subnet.Config, network backend.Network,
	background *sync.WaitGroup,
) error {
	lease := network.Lease()
	if err := manager.HandleSubnetFile(o.subnetFile, config, o.masquerade, lease.Subnet, lease.IPv6Subnet, network.MTU()); err != nil {
		return fmt.Errorf("%s cannot be written: %w", o.subnetFile, err)
	}
	background.Add(1)
	go func() {
		defer background.Done()
		network.Run(ctx)
	}()
	if err := manager.CompleteLease(ctx, lease, background); err != nil {
		log.Errorf("The node's NetworkUnavailable condition stays as it is: %v", err)
	}
	log.Infof("This node's subnet is %s, by %s.", lease.Subnet, config.BackendType)
	<-ctx.Done()
	background.Wait()
	return nil
}

// serveHealth answers that the daemon runs.
func serveHealth(ctx context.Context, address string) {
	routes := http.NewServeMux()
	routes.HandleFunc("/healthz", func(response http.ResponseWriter, _ *http.Request) {
		_, _ = response.Write([]byte("flanneld is running"))
	})
	server := &http.Server{Addr: address, Handler: routes, ReadHeaderTimeout: headerTimeout}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Errorf("/healthz is not answered: %v", err)
	}
}
