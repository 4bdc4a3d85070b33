package main

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// subnet is this node's part of the network, as flanneld wrote it down.
type subnet struct {
	own         []netip.Prefix
	networks    []netip.Prefix
	mtu         int
	masquerades bool
}

func readSubnet(path string) (*subnet, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("flanneld has no subnet for this node yet: %w", err)
	}
	defer file.Close()
	node := &subnet{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), "=")
		if err := node.set(name, value); err != nil {
			return nil, fmt.Errorf("%s: %s is not understood: %w", path, name, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(node.own) == 0 || len(node.networks) == 0 || node.mtu == 0 {
		return nil, fmt.Errorf("%s lacks FLANNEL_NETWORK, FLANNEL_SUBNET or FLANNEL_MTU", path)
	}
	return node, nil
}

func (s *subnet) set(name, value string) (err error) {
	switch name {
	case "FLANNEL_NETWORK", "FLANNEL_IPV6_NETWORK":
		s.networks, err = addPrefixes(s.networks, value)
	case "FLANNEL_SUBNET", "FLANNEL_IPV6_SUBNET":
		s.own, err = addPrefixes(s.own, value)
	case "FLANNEL_MTU":
		s.mtu, err = strconv.Atoi(value)
	case "FLANNEL_IPMASQ":
		s.masquerades, err = strconv.ParseBool(value)
	}
	return err
}

func addPrefixes(to []netip.Prefix, list string) ([]netip.Prefix, error) {
	for _, text := range strings.Split(list, ",") {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, err
		}
		to = append(to, prefix.Masked())
	}
	return to, nil
}

// ipam asks host-local for one address of every subnet, with routes to the whole networks.
func (s *subnet) ipam() map[string]any {
	ranges := make([][]map[string]string, 0, len(s.own))
	for _, prefix := range s.own {
		ranges = append(ranges, []map[string]string{{"subnet": prefix.String()}})
	}
	routes := make([]map[string]string, 0, len(s.networks))
	for _, prefix := range s.networks {
		routes = append(routes, map[string]string{"dst": prefix.String()})
	}
	return map[string]any{"type": "host-local", "ranges": ranges, "routes": routes}
}
