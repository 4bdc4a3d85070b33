"""The lab's networks in the kernel: bridges, routers, floating IPs and security groups."""
