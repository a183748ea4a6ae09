// Command controlplane holds what a Kubernetes cluster without kubelets needs (etcd, the API server, the controller
// manager, the scheduler and KWOK, which plays nodes and pods) in one executable: they share most of their code, so that
// one link replaces five. The first argument names the component to run; the rest are its own flags.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // the controller manager knows time zones wherever it runs

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// components maps a name to what runs it and gives its exit code; os.Args then look as if it were started alone.
var components = map[string]func() int{
	"etcd":                    func() int { etcdmain.Main(os.Args); return 0 },
	"kube-apiserver":          func() int { return cli.Run(apiserver.NewAPIServerCommand()) },
	"kube-controller-manager": func() int { return cli.Run(controllermanager.NewControllerManagerCommand()) },
	"kube-scheduler":          func() int { return cli.Run(scheduler.NewSchedulerCommand()) },
	"kwok":                    runKwok,
}

func main() {
	if len(os.Args) < 2 {
		usage("no component given")
	}
	run, known := components[os.Args[1]]
	if !known {
		usage(fmt.Sprintf("unknown component %q", os.Args[1]))
	}
	os.Args = os.Args[1:]
	os.Exit(run())
}

func usage(problem string) {
	names := "etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok"
	fmt.Fprintf(os.Stderr, "controlplane: %s; components: %s\n", problem, names)
	os.Exit(2)
}
