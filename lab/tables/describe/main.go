// Command describe prints every field and every flag that the components of one Kubernetes release know, as JSON.
//
// It asks the components' own code, so that the tables hold what is there and not what documentation says.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	cliflag "k8s.io/component-base/cli/flag"
	_ "k8s.io/component-base/logs/json/register" // The components' own mains import it: it brings flags.
	kubeproxy "k8s.io/kube-proxy/config/v1alpha1"
	scheduler "k8s.io/kube-scheduler/config/v1"
	kubelet "k8s.io/kubelet/config/v1beta1"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	"k8s.io/kubernetes/cmd/kubeadm/app/constants"
	kubeletscheme "k8s.io/kubernetes/pkg/kubelet/apis/config/scheme"
	kubeproxyscheme "k8s.io/kubernetes/pkg/proxy/apis/config/scheme"
	schedulerscheme "k8s.io/kubernetes/pkg/scheduler/apis/config/scheme"
)

// entry is what a table says of one field or flag.
type entry struct {
	Type       string `json:"type"`
	Default    any    `json:"default,omitempty"`
	Deprecated bool   `json:"deprecated,omitempty"`
}

type table map[string]entry

func main() {
	document, err := describe()
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(document)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func describe() (map[string]any, error) {
	kubernetes, etcd := linked("k8s.io/kubernetes"), linked("go.etcd.io/etcd/server/v3")
	if wanted, _, _ := strings.Cut(constants.DefaultEtcdVersion, "-"); wanted != etcd {
		return nil, fmt.Errorf("kubeadm %s wants etcd %s, and go.mod names %s", kubernetes, wanted, etcd)
	}
	kubeletScheme, _, err := kubeletscheme.NewSchemeAndCodecs()
	if err != nil {
		return nil, err
	}
	// First, since it changes a feature gate that both share, which it may not once the other has made its flags.
	controllerFlags := commandFlags(controllers.NewControllerManagerCommand())
	return map[string]any{
		"kubernetes":              kubernetes,
		"etcd_version":            etcd,
		"etcd":                    etcdFlags(),
		"kube-apiserver":          commandFlags(apiserver.NewAPIServerCommand()),
		"kube-controller-manager": controllerFlags,
		"kubelet":                 fields(kubeletScheme, &kubelet.KubeletConfiguration{}),
		"kube-proxy":              fields(kubeproxyscheme.Scheme, &kubeproxy.KubeProxyConfiguration{}),
		"kube-scheduler":          fields(schedulerscheme.Scheme, &scheduler.KubeSchedulerConfiguration{}),
	}, nil
}

// commandFlags describes the flags of a command under the names that it goes by when it runs.
func commandFlags(command *cobra.Command) table {
	command.SetGlobalNormalizationFunc(cliflag.WordSepNormalizeFunc)
	return flags(command.Flags())
}

// linked returns the release of a module that is in this program, without its v.
func linked(module string) string {
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range build.Deps {
			if dependency.Path == module {
				return strings.TrimPrefix(dependency.Version, "v")
			}
		}
	}
	return ""
}
