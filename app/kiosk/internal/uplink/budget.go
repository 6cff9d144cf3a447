package uplink

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hallkiosk/app/kiosk/internal/outbox"
)

// measureEvery is how often what waits is counted while nothing is delivered.
const measureEvery = 5 * time.Minute

// measure looks at what waits for the centre, if it has not done so lately.
func (u *Uplink) measure(ctx context.Context) error {
	u.mu.Lock()
	lately := !u.measured.IsZero() && time.Since(u.measured) < measureEvery
	if !lately {
		u.measured = time.Now()
	}
	u.mu.Unlock()
	if lately {
		return nil
	}
	c, err := u.config.Outbox.Counts(ctx)
	if err != nil {
		return fmt.Errorf("uplink: offline budget: %w", err)
	}
	b := budgetOf(c)
	u.mu.Lock()
	was := u.state.Offline.Spent
	u.state.Offline = b
	u.mu.Unlock()
	if b.Spent && !was {
		u.log.Error("too much waits for the centre", "events", b.Items, "bytes", b.Bytes, "oldest", b.Oldest.Round(time.Minute))
	}
	return nil
}

func budgetOf(c outbox.Counts) Budget {
	b := Budget{Items: c.Waiting, Bytes: c.Bytes, Oldest: c.Oldest, Dead: c.Dead}
	b.Spent = b.Items > BudgetItems || b.Bytes > BudgetBytes || b.Oldest > BudgetAge
	var say strings.Builder
	if b.Spent {
		fmt.Fprintf(&say, "有 %d 条记录没有报到中心，最早的在%s前，请检查网络和中心服务。", b.Items, agoText(b.Oldest))
	}
	if b.Dead > 0 {
		fmt.Fprintf(&say, "有 %d 条记录中心不接受，请技术员处理。", b.Dead)
	}
	b.Advice = say.String()
	return b
}

// agoText is a span of time as people say it.
func agoText(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf(" %d 天", int(d/(24*time.Hour)))
	case d >= time.Hour:
		return fmt.Sprintf(" %d 小时", int(d/time.Hour))
	case d >= time.Minute:
		return fmt.Sprintf(" %d 分钟", int(d/time.Minute))
	}
	return "不到 1 分钟"
}
