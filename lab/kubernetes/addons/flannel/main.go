// Command flannel is the CNI plugin that gives pods this node's part of a flannel network.
//
// It reads what flanneld wrote and lets another plugin, bridge by default, do the work, as upstream's does, whose
// module cannot be had. The configuration is upstream's: {"type": "flannel", "delegate": {...}}.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/containernetworking/cni/pkg/invoke"
	"github.com/containernetworking/cni/pkg/skel"
	"github.com/containernetworking/cni/pkg/types"
	"github.com/containernetworking/cni/pkg/version"
)

// pluginNotAvailable is the specification's code for "no pods can be added now", which the library does not name.
const pluginNotAvailable = 50

func main() {
	skel.PluginMainFuncs(skel.CNIFuncs{Add: add, Check: check, Del: del, GC: gc, Status: status},
		version.All, "CNI plugin flannel: delegates to another plugin within the node's subnet")
}

// add asks the other plugin for the pod's interface, and keeps what it was asked for del.
func add(args *skel.CmdArgs) error {
	network, err := parse(args.StdinData)
	if err != nil {
		return err
	}
	node, err := readSubnet(network.SubnetFile)
	if err != nil {
		return err
	}
	request, err := network.request(node)
	if err != nil {
		return err
	}
	if err := network.keep(args.ContainerID, request); err != nil {
		return err
	}
	result, err := invoke.DelegateAdd(context.Background(), network.delegateType(), request, nil)
	if err != nil {
		return err
	}
	return result.Print()
}

// check lets the other plugin compare the interface with what it was asked for.
func check(args *skel.CmdArgs) error {
	network, err := parse(args.StdinData)
	if err != nil {
		return err
	}
	request, err := os.ReadFile(network.kept(args.ContainerID))
	if err != nil {
		return fmt.Errorf("the pod was not added by this plugin: %w", err)
	}
	var fields map[string]any
	if err := json.Unmarshal(request, &fields); err != nil {
		return fmt.Errorf("%s is damaged: %w", network.kept(args.ContainerID), err)
	}
	fields["prevResult"] = network.RawPrevResult
	request, err = json.Marshal(fields)
	if err != nil {
		return err
	}
	return invoke.DelegateCheck(context.Background(), network.delegateType(), request, nil)
}

// del undoes add; asked again, or for a pod that was never added, it has nothing to do.
func del(args *skel.CmdArgs) error {
	network, err := parse(args.StdinData)
	if err != nil {
		return err
	}
	request, err := os.ReadFile(network.kept(args.ContainerID))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := invoke.DelegateDel(context.Background(), network.delegateType(), request, nil); err != nil {
		return err
	}
	// Only now: a failed removal is tried again, and needs it then.
	return os.Remove(network.kept(args.ContainerID))
}

// gc forgets pods that the runtime no longer knows; their interfaces went with them.
func gc(args *skel.CmdArgs) error {
	network, err := parse(args.StdinData)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, attachment := range network.ValidAttachments {
		known[attachment.ContainerID] = true
	}
	kept, err := os.ReadDir(network.DataDir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, file := range kept {
		if !known[file.Name()] {
			if err := os.Remove(filepath.Join(network.DataDir, file.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// status says whether pods can be added, which they cannot before flanneld has this node's subnet.
func status(args *skel.CmdArgs) error {
	network, err := parse(args.StdinData)
	if err != nil {
		return err
	}
	if _, err := readSubnet(network.SubnetFile); err != nil {
		return types.NewError(pluginNotAvailable, "flanneld has no subnet for this node yet", err.Error())
	}
	return nil
}
