#!/bin/busybox sh
# shellcheck shell=dash  # what busybox has
# Process 1 of the machine: brings it up, then runs each script that comes over the second serial port, base64 on a line,
# and answers "status bytes-of-stdout bytes-of-stderr" with those bytes after it.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/root LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
chmod 1777 /tmp
mkdir -p /dev/pts /dev/net
mount -t devpts devpts /dev/pts
while read -r module; do
    insmod "/lib/modules/$module.ko" || echo "insmod $module failed"
done </lib/modules/list
ip link set lo up
hostname machine
cd /root || exit
exec 3<>/dev/ttyS1
stty -F /dev/ttyS1 raw -echo
echo ready >&3
while read -r script <&3; do
    rm -f /run/out /run/err
    echo "$script" | base64 -d >/run/script
    sh /run/script </dev/null >/run/out 2>/run/err 3>&-
    echo "$? $(stat -c %s /run/out) $(stat -c %s /run/err)" >&3
    cat /run/out /run/err >&3
done
poweroff -f
