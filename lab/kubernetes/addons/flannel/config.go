package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containernetworking/cni/pkg/types"
)

const (
	defaultSubnetFile = "/run/flannel/subnet.env"
	defaultDataDir    = "/var/lib/cni/flannel"
	defaultDelegate   = "bridge"
)

// network is the plugin's configuration.
type network struct {
	types.NetConf
	SubnetFile    string         `json:"subnetFile"`
	DataDir       string         `json:"dataDir"`
	Delegate      map[string]any `json:"delegate"`
	RuntimeConfig map[string]any `json:"runtimeConfig"`
}

func parse(configuration []byte) (*network, error) {
	n := &network{SubnetFile: defaultSubnetFile, DataDir: defaultDataDir}
	if err := json.Unmarshal(configuration, n); err != nil {
		return nil, fmt.Errorf("the configuration of flannel is not understood: %w", err)
	}
	if n.Delegate == nil {
		n.Delegate = map[string]any{}
	}
	for _, ours := range []string{"name", "ipam"} {
		if _, set := n.Delegate[ours]; set {
			return nil, fmt.Errorf("'delegate' may not have %q: flannel sets it", ours)
		}
	}
	if kind, set := n.Delegate["type"]; set {
		if _, isText := kind.(string); !isText {
			return nil, errors.New("'delegate' has a 'type' that is no text")
		}
	}
	return n, nil
}

func (n *network) delegateType() string {
	if kind, set := n.Delegate["type"].(string); set {
		return kind
	}
	return defaultDelegate
}

// request is the configuration for the other plugin: what the person wrote, filled up with what flanneld says.
func (n *network) request(node *subnet) ([]byte, error) {
	fields := map[string]any{"type": n.delegateType(), "ipMasq": !node.masquerades, "mtu": node.mtu}
	if n.delegateType() == defaultDelegate {
		fields["isGateway"] = true
	}
	for name, value := range n.Delegate {
		fields[name] = value
	}
	fields["name"] = n.Name
	fields["cniVersion"] = n.CNIVersion
	fields["ipam"] = node.ipam()
	if n.RuntimeConfig != nil {
		fields["runtimeConfig"] = n.RuntimeConfig
	}
	return json.Marshal(fields)
}

// kept is the file with what the other plugin was asked: del gets neither the subnet nor the configuration of then.
func (n *network) kept(container string) string {
	return filepath.Join(n.DataDir, container)
}

func (n *network) keep(container string, request []byte) error {
	if err := os.MkdirAll(n.DataDir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(n.kept(container), request, 0o600)
}
