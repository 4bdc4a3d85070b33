package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/flannel-io/flannel/pkg/ip"
	"github.com/flannel-io/flannel/pkg/lease"
	"github.com/flannel-io/flannel/pkg/subnet"
	"github.com/flannel-io/flannel/pkg/trafficmngr"
	"github.com/flannel-io/flannel/pkg/trafficmngr/iptables"
	"github.com/flannel-io/flannel/pkg/trafficmngr/nftables"
)

// setRules writes the packet filter's rules in one of its two languages, and removes those of the other.
func setRules(ctx context.Context, o *options, config *subnet.Config, own *lease.Lease) error {
	if err := language(!config.EnableNFTables).CleanUp(ctx); err != nil {
		return fmt.Errorf("the rules of an earlier choice cannot be removed: %w", err)
	}
	rules := language(config.EnableNFTables)
	if err := rules.Init(ctx); err != nil {
		return fmt.Errorf("the packet filter cannot be used: %w", err)
	}
	if o.masquerade {
		before := readSubnetFile(o.subnetFile)
		if err := rules.SetupAndEnsureMasqRules(
			ctx, config.Network, before.ip4("FLANNEL_SUBNET"), before.ip4("FLANNEL_NETWORK"),
			config.IPv6Network, before.ip6("FLANNEL_IPV6_SUBNET"), before.ip6("FLANNEL_IPV6_NETWORK"),
			own, o.resyncSeconds, o.noFullyRandom,
		); err != nil {
			return fmt.Errorf("the rules for masquerading cannot be written: %w", err)
		}
	}
	if o.forwardRules {
		rules.SetupAndEnsureForwardRules(ctx, config.Network, config.IPv6Network, o.resyncSeconds)
	}
	return nil
}

func language(modern bool) trafficmngr.TrafficManager {
	if modern {
		return &nftables.NFTablesManager{}
	}
	return &iptables.IPTablesManager{}
}

// subnetFile is what this node wrote when it ran before: rules for another subnet have to go.
type subnetFile map[string]string

func readSubnetFile(path string) subnetFile {
	values := subnetFile{}
	file, err := os.Open(path)
	if err != nil {
		return values
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if name, value, found := strings.Cut(lines.Text(), "="); found {
			values[name] = value
		}
	}
	return values
}

func (f subnetFile) ip4(name string) ip.IP4Net {
	_, network, err := net.ParseCIDR(f[name])
	if err != nil {
		return ip.IP4Net{}
	}
	return ip.FromIPNet(network)
}

func (f subnetFile) ip6(name string) ip.IP6Net {
	_, network, err := net.ParseCIDR(f[name])
	if err != nil {
		return ip.IP6Net{IP: ip.FromIP6(net.IPv6zero)}
	}
	return ip.FromIP6Net(network)
}
