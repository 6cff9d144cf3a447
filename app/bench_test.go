//go:build bench && linux && !headless

package main
import ("testing";"time";"os";"os/exec";"fmt")
const benchPatience = 20*time.Second
func TestBench(t *testing.T) {
	p, _ := panelByName("21.5-portrait")
	file, places, take := equalPage(t, "/tmp/bench-build", p)
	fmt.Println(file, places, take)
	d := newBenchDisplay(t, p.WidthPx, p.HeightPx)
	c := exec.Command("chromium", "--kiosk", "--no-sandbox","--disable-gpu","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync","--password-store=basic","--user-data-dir="+t.TempDir(), "file://"+file)
	c.Env = append(os.Environ(), "DISPLAY="+d.name)
	startBench(t, c)
	time.Sleep(4*time.Second)
	os.WriteFile("/tmp/bench-build/home.xwd", d.mem, 0o600)
	fmt.Println("edges", edges(d.look(d.whole(1), nil)))
	at := places[controlTake]
	d.move(at[0], at[1])
	time.Sleep(200*time.Millisecond)
	before := d.look(take, nil)
	sent, err := d.press()
	fmt.Println(time.Since(sent), err)
	fmt.Println(d.until(take, sent, func(now []uint32) bool { return alike(now, before)<1 }))
	time.Sleep(100*time.Millisecond)
	d.release()
	time.Sleep(time.Second)
	os.WriteFile("/tmp/bench-build/choose.xwd", d.mem, 0o600)
}
