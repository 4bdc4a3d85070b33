package main

import (
	"flag"
	"os"

	"github.com/flannel-io/flannel/pkg/backend"
	"github.com/flannel-io/flannel/pkg/ipmatch"
	log "k8s.io/klog/v2"
)

// options are upstream's flags, by upstream's names and defaults, as far as a network in Kubernetes uses them.
type options struct {
	kubeSubnetManager bool
	apiURL            string
	kubeconfig        string
	annotationPrefix  string
	networkConfig     string
	markNodeReady     bool

	interfaces     names
	interfaceRegex names
	interfaceReach string
	publicIP       string
	publicIPv6     string
	subnetFile     string
	masquerade     bool
	noFullyRandom  bool
	forwardRules   bool
	resyncSeconds  int
	healthAddress  string
	healthPort     int
	printVersion   bool
}

// names collects a flag that may be given several times.
type names []string

func (n *names) String() string { return "" }

func (n *names) Set(value string) error {
	*n = append(*n, value)
	return nil
}

func parse(arguments []string) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("flanneld", flag.ContinueOnError)
	flags.BoolVar(&o.kubeSubnetManager, "kube-subnet-mgr", false, "take this node's subnet from the Kubernetes API; required")
	flags.StringVar(&o.apiURL, "kube-api-url", "", "address of the API, outside a pod")
	flags.StringVar(&o.kubeconfig, "kubeconfig-file", "", "kubeconfig file, outside a pod")
	flags.StringVar(&o.annotationPrefix, "kube-annotation-prefix", "flannel.alpha.coreos.com", "prefix of the node's annotations")
	flags.StringVar(&o.networkConfig, "net-config-path", "/etc/kube-flannel/net-conf.json", "file that describes the network")
	flags.BoolVar(&o.markNodeReady, "set-node-network-unavailable", true, "clear the node's NetworkUnavailable condition once ready")
	flags.Var(&o.interfaces, "iface", "interface (name or address) that leads to the other nodes; the first that exists is taken")
	flags.Var(&o.interfaceRegex, "iface-regex", "expression that the interface's name or address matches; tried after -iface")
	flags.StringVar(&o.interfaceReach, "iface-can-reach", "", "take the interface that leads to this address; tried last")
	flags.StringVar(&o.publicIP, "public-ip", "", "address by which other nodes reach this one")
	flags.StringVar(&o.publicIPv6, "public-ipv6", "", "IPv6 address by which other nodes reach this one")
	flags.StringVar(&o.subnetFile, "subnet-file", "/run/flannel/subnet.env", "file that tells the CNI plugin subnet and MTU")
	flags.BoolVar(&o.masquerade, "ip-masq", false, "masquerade traffic that leaves the pod network")
	flags.BoolVar(&o.noFullyRandom, "ip-masq-fully-random-disable", false, "masquerade without fully random ports")
	flags.BoolVar(&o.forwardRules, "iptables-forward-rules", true, "accept forwarded traffic of the pod network")
	flags.IntVar(&o.resyncSeconds, "iptables-resync", 5, "seconds between two looks at the rules")
	flags.StringVar(&o.healthAddress, "healthz-ip", "0.0.0.0", "address to answer /healthz on")
	flags.IntVar(&o.healthPort, "healthz-port", 0, "port to answer /healthz on; 0 for none")
	flags.BoolVar(&o.printVersion, "version", false, "print the version")
	addVerbosity(flags)
	return o, flags.Parse(arguments)
}

// addVerbosity takes the logger's flags that do not lead away from standard error.
func addVerbosity(flags *flag.FlagSet) {
	all := flag.NewFlagSet("log", flag.ContinueOnError)
	log.InitFlags(all)
	log.SetOutput(os.Stderr)
	for _, name := range []string{"v", "vmodule"} {
		flags.Var(all.Lookup(name).Value, name, all.Lookup(name).Usage)
	}
}

// externalInterface returns the interface over which the nodes reach each other.
func (o *options) externalInterface(stack int) (*backend.ExternalInterface, error) {
	public := ipmatch.PublicIPOpts{PublicIP: o.publicIP, PublicIPv6: o.publicIPv6}
	var failure error
	for _, name := range o.interfaces {
		found, err := ipmatch.LookupExtIface(name, "", "", stack, public)
		if err == nil {
			return found, nil
		}
		failure = err
	}
	for _, expression := range o.interfaceRegex {
		found, err := ipmatch.LookupExtIface("", expression, "", stack, public)
		if err == nil {
			return found, nil
		}
		failure = err
	}
	if o.interfaceReach != "" || failure == nil {
		return ipmatch.LookupExtIface(o.publicIP, "", o.interfaceReach, stack, public)
	}
	return nil, failure
}
