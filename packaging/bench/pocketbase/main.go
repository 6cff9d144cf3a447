// Command pocketbase is what the central service's benchmark measures itself
// against: PocketBase 0.39.0 as shipped, serving one plain collection, tickets,
// of five text fields that anybody may add records to. It prints its address on
// one line and ends with SIGTERM.
//
//	pocketbase -data DIR
//
// PocketBase is a module of its own here, so that nothing of it enters the
// product: no setting is changed, in particular neither its SQLite pragmas
// (synchronous NORMAL) nor its log of requests.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"github.com/pocketbase/pocketbase"
)

func main() {
	data := flag.String("data", "", "data `folder`; made when it is missing")
	flag.Parse()
	if *data == "" {
		log.Fatal("pocketbase: name a data folder with -data")
	}
	if err := run(*data); err != nil {
		log.Fatalf("pocketbase: %v", err)
	}
}

func run(data string) error {
	os.Args = os.Args[:1] // PocketBase would read ours
	app := pocketbase.NewWithConfig(pocketbase.Config{DefaultDataDir: data, HideStartBanner: true})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	tickets := core.NewBaseCollection("tickets")
	tickets.CreateRule = new(string) // empty: anybody
	for _, name := range []string{"ticket", "business", "holder", "masked", "language"} {
		tickets.Fields.Add(&core.TextField{Name: name})
	}
	if err := app.Save(tickets); err != nil {
		return err
	}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		e.Listener, e.InstallerFunc = l, nil
		fmt.Println("http://" + l.Addr().String())
		return e.Next()
	})
	return apis.Serve(app, apis.ServeConfig{HttpAddr: "127.0.0.1:0"})
}
