package nettest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// island is a network of hosts, each in a network namespace of its own, with a
// router between them. Nothing of it can be reached from this machine's network,
// or reaches it.
type island struct {
	hub   string
	hosts []string // short names, in the order of their addresses
}

// nsPrefix opens the names of our namespaces; the process id follows.
const nsPrefix = "hallnet"

// newIsland makes the network. The test is skipped, loudly, where that is not
// possible.
func newIsland(t *testing.T, hosts ...string) *island {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: partitions need root to make network namespaces: run this test as root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("SKIPPED: partitions need the command ip (Debian package iproute2)")
	}
	removeStale()
	n := &island{hub: fmt.Sprintf("%s%d-hub", nsPrefix, os.Getpid()), hosts: hosts}
	if out, err := exec.Command("ip", "netns", "add", n.hub).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: this kernel or container lets nobody make network namespaces: %v: %s", err, out)
	}
	t.Cleanup(func() {
		for _, h := range append([]string{n.hub}, n.namespaces()...) {
			exec.Command("ip", "netns", "del", h).Run()
		}
	})
	n.ip(t, "-n", n.hub, "link", "set", "lo", "up")
	n.ip(t, "netns", "exec", n.hub, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
	for i, h := range hosts {
		ns := n.namespace(h)
		n.ip(t, "netns", "add", ns)
		n.ip(t, "-n", ns, "link", "set", "lo", "up")
		n.ip(t, "link", "add", "name", h, "netns", n.hub, "type", "veth", "peer", "name", "eth0", "netns", ns)
		n.ip(t, "-n", n.hub, "addr", "add", fmt.Sprintf("10.77.%d.1/24", i), "dev", h)
		n.ip(t, "-n", n.hub, "link", "set", "dev", h, "up")
		n.ip(t, "-n", ns, "addr", "add", n.addr(h)+"/24", "dev", "eth0")
		n.ip(t, "-n", ns, "link", "set", "eth0", "up")
		n.ip(t, "-n", ns, "route", "add", "default", "via", fmt.Sprintf("10.77.%d.1", i))
	}
	return n
}

// removeStale removes the namespaces of test processes that were killed.
func removeStale() {
	entries, _ := os.ReadDir("/var/run/netns")
	for _, e := range entries {
		rest, ours := strings.CutPrefix(e.Name(), nsPrefix)
		pid, _, _ := strings.Cut(rest, "-")
		if n, err := strconv.Atoi(pid); ours && err == nil && syscall.Kill(n, 0) == syscall.ESRCH {
			exec.Command("ip", "netns", "del", e.Name()).Run()
		}
	}
}

func (n *island) namespace(host string) string {
	return fmt.Sprintf("%s%d-%s", nsPrefix, os.Getpid(), host)
}

func (n *island) namespaces() (all []string) {
	for _, h := range n.hosts {
		all = append(all, n.namespace(h))
	}
	return all
}

// addr is a host's address.
func (n *island) addr(host string) string {
	for i, h := range n.hosts {
		if h == host {
			return fmt.Sprintf("10.77.%d.2", i)
		}
	}
	panic("no host " + host)
}

func (n *island) ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// unplug takes a host's link down, plug brings it up again.
func (n *island) unplug(t *testing.T, host string) {
	n.ip(t, "-n", n.hub, "link", "set", "dev", host, "down")
}

func (n *island) plug(t *testing.T, host string) {
	n.ip(t, "-n", n.hub, "link", "set", "dev", host, "up")
}

// blackhole makes the router swallow what one host sends to another, without a
// word. The other direction works on. unhole takes it back.
func (n *island) blackhole(t *testing.T, from, to string) {
	n.ip(t, "-n", n.hub, "rule", "add", "from", n.addr(from), "to", n.addr(to), "blackhole")
}

func (n *island) unhole(t *testing.T, from, to string) {
	n.ip(t, "-n", n.hub, "rule", "del", "from", n.addr(from), "to", n.addr(to), "blackhole")
}

// dialer makes connections of this process that begin at a host of the island: a
// socket belongs for ever to the namespace of the thread that made it.
func (n *island) dialer(host string) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		type result struct {
			conn net.Conn
			err  error
		}
		done := make(chan result, 1)
		go func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
			if err := enter(n.namespace(host)); err != nil {
				done <- result{nil, err}
				return
			}
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			done <- result{conn, err}
		}()
		r := <-done
		return r.conn, r.err
	}
}

// enter puts the calling thread, which must be locked, into a network namespace.
func enter(namespace string) error {
	ns, err := os.Open("/var/run/netns/" + namespace)
	if err != nil {
		return err
	}
	defer ns.Close()
	if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter the network %s: %w", namespace, err)
	}
	return nil
}

// The network itself does what it is told: a cut is a cut, in the direction that
// was cut, and heals.
func TestIsland(t *testing.T) {
	n := newIsland(t, "a", "b")
	listening := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if err := enter(n.namespace("b")); err != nil {
			listening <- err
			return
		}
		l, err := net.ListenPacket("udp", n.addr("b")+":700")
		if err == nil {
			context.AfterFunc(t.Context(), func() { l.Close() })
		}
		listening <- err
		for buf := make([]byte, 10); err == nil; {
			var k int
			var from net.Addr
			if k, from, err = l.ReadFrom(buf); err == nil {
				l.WriteTo(buf[:k], from)
			}
		}
	}()
	if err := <-listening; err != nil {
		t.Fatal(err)
	}
	// answers reports whether one of so many questions of a is answered by b.
	answers := func(tries int) bool {
		t.Helper()
		for range tries {
			c, err := n.dialer("a")(t.Context(), "udp", n.addr("b")+":700")
			if err != nil {
				return false
			}
			c.SetDeadline(time.Now().Add(100 * time.Millisecond))
			c.Write([]byte("?"))
			k, _ := c.Read(make([]byte, 10))
			c.Close()
			if k > 0 {
				return true
			}
		}
		return false
	}
	expect := func(when string, want bool) {
		t.Helper()
		tries := 3 // the first may wait for ARP
		if want {
			tries = 50 // and a busy machine takes its time
		}
		if answers(tries) != want {
			t.Errorf("%s: answered %v, want %v", when, !want, want)
		}
	}
	expect("whole", true)
	n.unplug(t, "b")
	expect("b unplugged", false)
	n.plug(t, "b")
	expect("b plugged in again", true)
	n.blackhole(t, "a", "b")
	expect("nothing gets from a to b", false)
	n.unhole(t, "a", "b")
	n.blackhole(t, "b", "a")
	expect("nothing gets from b to a", false)
	n.unhole(t, "b", "a")
	expect("healed", true)
}
